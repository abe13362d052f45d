// Where a provider sends people back to: signs them in, or asks for what a new account still needs.

import { Refusal, post } from "./api.js";
import { checkAvailability, onSubmit, tell, tellField } from "./fields.js";
import { isSignedIn, keep, showAccount } from "./session.js";
import { keyOfState } from "./social.js";

const page = document.getElementById("oauth");
const { provider, name } = page.dataset;
const completion = document.getElementById("completion");
const { nickname, terms_accepted } = completion.elements;

const brought = new URLSearchParams(location.search);
// Neither the history nor a copied address shall hold the code.
history.replaceState(null, "", location.pathname);

let ticket = null;

/** What the provider brings is an answer to this tab's question, or it is somebody else's. */
function takeState() {
  const expected = sessionStorage.getItem(keyOfState(provider));
  sessionStorage.removeItem(keyOfState(provider));
  return expected !== null && expected === brought.get("state");
}

async function signIn() {
  if (isSignedIn() && !brought.has("state")) return showAccount();
  if (!takeState()) throw new Error(`This is no answer to what this page asked ${name}. Please begin again.`);
  if (brought.has("error")) throw new Error(`${name} did not say who you are. You can begin again.`);
  const asked = { code: brought.get("code") ?? "", state: brought.get("state") };
  const { status, body } = await post(`/v1/oauth/${provider}/sessions`, asked);
  if (status === 201) return enter(body.session);
  askForTheRest(body);
}

async function enter(session) {
  keep(session);
  await showAccount();
  tell(page, "");
}

function askForTheRest({ ticket: given, profile }) {
  ticket = given;
  const who = [profile.name, profile.email].filter(Boolean).join(", ");
  tell(page, who ? `${name} says that you are ${who}.` : `${name} has told nothing of you but that it knows you.`);
  completion.hidden = false;
  completion.querySelector("h2").focus();
  prefill(profile.name);
}

/** What someone is called elsewhere may be no nickname here; then it is left out, rather than to be corrected. */
async function prefill(called) {
  if (!called) return;
  nickname.value = called;
  if ((await checkAvailability(nickname, "nickname")) !== "invalid") return;
  nickname.value = "";
  tellField(nickname, "");
}

async function register() {
  const named = nickname.value === "" ? {} : { nickname: nickname.value };
  const body = { ticket, ...named, terms_accepted: terms_accepted.checked };
  await enter((await post(`/v1/oauth/${provider}/registrations`, body)).body.session);
}

onSubmit(completion, register);
nickname.addEventListener("blur", () => checkAvailability(nickname, "nickname"));
signIn().catch((refusal) => {
  tell(page, refusal instanceof Refusal ? refusal.detail : refusal.message, "wrong");
  page.querySelector("a").hidden = false;
});
