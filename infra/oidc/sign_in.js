// Signs people in at Campus by a real OpenID Connect provider, as their browsers do.
import assert from "node:assert/strict";

import { PEOPLE, start } from "./provider.js";

const REDIRECT_URI = "http://localhost:3000/oauth/google";
const campus = process.env.CAMPUS_URL;

async function post(path, body) {
  const answer = await fetch(`${campus}/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** A browser that keeps cookies and goes where it is sent, until that is the front end. */
function browser() {
  const cookies = new Map();
  return async function go(url, form) {
    for (let steps = 0; steps < 20; steps += 1) {
      if (url.startsWith(REDIRECT_URI)) {
        return { back: Object.fromEntries(new URL(url).searchParams) };
      }
      const answer = await fetch(url, {
        method: form ? "POST" : "GET",
        redirect: "manual",
        headers: { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") },
        body: form && new URLSearchParams(form),
      });
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        if (value) cookies.set(name, value);
        else cookies.delete(name);
      }
      const location = answer.headers.get("location");
      if (!location) return { url, page: await answer.text() };
      [url, form] = [new URL(location, url).href, undefined];
    }
    throw new Error("the provider sends people in circles");
  };
}

/** Visits the provider, says who one is, agrees to everything, and comes back. */
async function visit(go, who) {
  const begun = await post("/oauth/google/authorizations", { redirect_uri: REDIRECT_URI });
  assert.equal(begun.status, 201);
  let at = await go(begun.body.authorization_url);
  for (const prompt of ["login", "consent"]) {
    if (at.back) break;
    assert.match(at.page, new RegExp(`value="${prompt}"`), `the provider asks for ${prompt}`);
    const action = /action="([^"]+)"/.exec(at.page)[1];
    at = await go(new URL(action, at.url).href, { prompt, login: who, password: "any" });
  }
  assert.ok(at.back, "the provider sends the person back");
  assert.equal(at.back.state, begun.body.state);
  return { code: at.back.code, state: at.back.state };
}

async function signUp(who) {
  const go = browser();
  const shown = await visit(go, who);
  const known = await post("/oauth/google/sessions", shown);
  assert.equal(known.status, 200, JSON.stringify(known.body));
  const { name, email, email_verified } = PEOPLE[who];
  assert.deepEqual(known.body.profile, { name, email, email_verified });
  assert.equal((await post("/oauth/google/sessions", shown)).body.code, "state_expired");

  const registered = await post("/oauth/google/registrations", { ticket: known.body.ticket, terms_accepted: true });
  assert.equal(registered.status, 201, JSON.stringify(registered.body));
  assert.equal(registered.body.user.email.verified, email_verified);

  const again = await post("/oauth/google/sessions", await visit(go, who));
  assert.equal(again.status, 201, JSON.stringify(again.body));
  assert.equal(again.body.user.id, registered.body.user.id);

  const [mine, theirs] = [await visit(go, who), await visit(go, who)];
  const mixed = await post("/oauth/google/sessions", { code: theirs.code, state: mine.state });
  assert.equal(mixed.body.code, "authorization_code_invalid", "the proof key is of another visit");
  console.log(`${who} signed up and in by a real OpenID Connect provider`);
}

if (process.argv[2] === "provider") {
  // Its one line, for whoever starts Campus with it.
  const { url } = await start(REDIRECT_URI);
  console.log(url);
} else {
  for (const who of Object.keys(PEOPLE)) await signUp(who);
}
