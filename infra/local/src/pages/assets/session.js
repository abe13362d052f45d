// Who is signed in. The tokens are in the tab's own storage: gone with the tab, and sent by nobody but this page.

import { call, post } from "./api.js";

const KEPT = "campus.session";
const section = document.getElementById("signed-in");

function session() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
}

export function keep(issued) {
  sessionStorage.setItem(KEPT, JSON.stringify(issued));
}

async function refresh() {
  keep((await post("/v1/token-refreshes", { refresh_token: session().refresh_token })).body.session);
}

/** Calls in the name of who is signed in, with a new token where the old one has expired. */
async function callAsUser(method, path) {
  try {
    return await call(method, path, undefined, session().access_token);
  } catch (refusal) {
    if (refusal.code !== "token_expired") throw refusal;
    await refresh();
    return call(method, path, undefined, session().access_token);
  }
}

function contact(given) {
  return given ? `${given.masked} (${given.verified ? "verified" : "not verified"})` : "none";
}

function show(user) {
  const shown = { ...user, phone: contact(user.phone), email: contact(user.email) };
  for (const place of section.querySelectorAll("[data-of]")) place.textContent = shown[place.dataset.of];
  for (const part of document.querySelectorAll("[data-signed-out]")) part.hidden = true;
  section.hidden = false;
  section.querySelector("h2").focus();
}

/** Shows who is signed in; nobody, if the session is over. */
export async function showAccount() {
  try {
    show((await callAsUser("GET", "/v1/users/me")).body);
  } catch (refusal) {
    if (refusal.status !== 401) throw refusal;
    sessionStorage.removeItem(KEPT);
  }
}

export function isSignedIn() {
  return session() !== null;
}

section.querySelector("button").addEventListener("click", async () => {
  const told = section.querySelector("[role=status]");
  try {
    await callAsUser("DELETE", "/v1/sessions/current");
  } catch (refusal) {
    // A session that is over needs no end.
    if (refusal.status !== 401) {
      told.textContent = refusal.detail;
      return;
    }
  }
  sessionStorage.removeItem(KEPT);
  location.assign("/_local/web/sign-up");
});
