// The sign-up page: captcha, code, countdown, checks on leaving a field, and the sign-up itself.

import { post } from "./api.js";
import { captchaIn } from "./captcha.js";
import { checkAvailability, countDown, onSubmit, showRefusal, stopCountDown, tell, tellField } from "./fields.js";
import { isSignedIn, keep, showAccount } from "./session.js";
import { goToProvider } from "./social.js";

const [reach, confirmation, account] = ["reach", "confirmation", "account"].map((id) => document.getElementById(id));
const target = document.getElementById("target");
const send = reach.querySelector("button");

const CONTACTS = {
  phone: { label: "Phone number", type: "tel", autocomplete: "tel" },
  email: { label: "Mail address", type: "email", autocomplete: "email" },
};
/** How one can be reached: by what, and how a code gets there. A link needs no code. */
const WAYS = {
  sms: { kind: "phone", channel: "sms" },
  email: { kind: "email", channel: "email" },
  link: { kind: "email" },
};

let codeId = null;
let proof = null;

const way = () => WAYS[reach.elements.way.value];
const captcha = captchaIn(document.getElementById("captcha"), checkTarget);

function checkTarget() {
  const asked = target.value;
  if (asked === "" || target.dataset.checked === asked) return;
  if (captcha.token()) checkAvailability(target, way().kind, captcha.token());
  else tellField(target, "Tick the box above, and it is looked up whether this is free.");
}

/** A code and its proof are good for one target only. */
function forgetCode() {
  [codeId, proof] = [null, null];
  confirmation.hidden = true;
  confirmation.reset();
  stopCountDown(send);
  tell(reach, "");
}

function chooseWay() {
  const { label, ...attributes } = CONTACTS[way().kind];
  if (target.type !== attributes.type) target.value = "";
  Object.assign(target, attributes);
  document.querySelector("label[for=target]").textContent = label;
  tellField(target, "");
  forgetCode();
  // Disabled, too, or the Enter key would press it.
  send.hidden = send.disabled = !way().channel;
}

/** What one captcha was good for is used up by a send, and by nothing else. */
async function spendCaptcha(act) {
  try {
    const done = await act(captcha.token());
    captcha.reset("Tick it again for another message.");
    return done;
  } catch (refusal) {
    if (refusal.code === "captcha_required") captcha.demand();
    throw refusal;
  }
}

async function sendCode() {
  const asked = { channel: way().channel, target: target.value, purpose: "sign_up" };
  const sent = await spendCaptcha((token) => post("/v1/verification-codes", { ...asked, captcha_token: token }));
  [codeId, proof] = [sent.body.id, null];
  countDown(send, sent.body.resend_after);
  tell(reach, `A code is on its way to ${asked.target}.`, "good");
  confirmation.hidden = false;
  confirmation.reset();
  confirmation.elements.code.focus();
}

async function confirmCode() {
  const code = confirmation.elements.code.value;
  proof = (await post(`/v1/verification-codes/${codeId}/confirmations`, { code })).body.proof;
  confirmation.hidden = true;
  tell(reach, `${target.value} is confirmed.`, "good");
  account.elements.username.focus();
}

/** What was filled in; what was not is left out. */
function filledIn() {
  const { username, nickname, password, password_confirmation, terms_accepted } = account.elements;
  const texts = [username, nickname, password, password_confirmation].filter(({ value }) => value !== "");
  const fields = Object.fromEntries(texts.map(({ name, value }) => [name, value]));
  return { ...fields, terms_accepted: terms_accepted.checked };
}

async function signUp() {
  const { channel } = way();
  if (channel) {
    keep((await post("/v1/users", { ...filledIn(), ...(proof && { proof }) })).body.session);
    account.reset();
    await showAccount();
  } else {
    const email = target.value || undefined;
    await spendCaptcha((token) => post("/v1/users", { ...filledIn(), email, captcha_token: token }));
    for (const part of document.querySelectorAll("[data-signed-out]")) part.hidden = true;
    const mailed = document.getElementById("mailed");
    mailed.hidden = false;
    mailed.querySelector("h2").focus();
  }
}

/** Where what the API calls otherwise than the page is shown. */
function names() {
  const proven = confirmation.hidden ? "target" : "code";
  return { "": "password_confirmation", "/proof": proven, "/email": "target" };
}

onSubmit(reach, sendCode);
onSubmit(confirmation, confirmCode);
onSubmit(account, signUp, names);
reach.addEventListener("change", ({ target }) => target.name === "way" && chooseWay());
target.addEventListener("input", forgetCode);
target.addEventListener("blur", checkTarget);
for (const name of ["username", "nickname"]) {
  account.elements[name].addEventListener("blur", ({ target }) => checkAvailability(target, name));
}
for (const button of document.querySelectorAll("[data-provider]")) {
  button.addEventListener("click", () => goToProvider(button.dataset.provider));
}

// A form that the browser kept over a reload begins where its choice is.
chooseWay();
if (isSignedIn()) showAccount().catch((refusal) => showRefusal(reach, refusal));
