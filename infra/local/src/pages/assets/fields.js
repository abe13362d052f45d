// What people are told beside a form's fields: what is wrong, what is taken, how long to wait.

import { post } from "./api.js";

const TAKEN = {
  username: "This username is taken.",
  nickname: "This nickname is taken.",
  phone: "This number is registered already.",
  email: "This address is registered already.",
};

/** Says something beside a field, and whether it is what is wrong with it. */
export function tellField(input, text, look = "") {
  const told = document.getElementById(`${input.id}-told`);
  told.textContent = text;
  told.dataset.look = look;
  if (look === "wrong") input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Says something below a form. */
export function tell(form, text, look = "") {
  const told = form.querySelector(".outcome");
  told.textContent = text;
  told.dataset.look = look;
}

/** Shows every wrong field at its place and goes to the first; what is no field's is told below the form. `names` has
 *  the ids of fields that are not called as the pointer says. */
export function showRefusal(form, refusal, names = {}) {
  const wrong = new Set();
  const rest = [];
  for (const { pointer, message } of refusal.errors ?? []) {
    const input = document.getElementById(names[pointer] ?? pointer.slice(1));
    if (input) {
      tellField(input, message, "wrong");
      wrong.add(input);
    } else {
      rest.push(message);
    }
  }
  // A refusal's words about fields are for those who see no fields.
  const words = wrong.size > 0 ? "Please correct the marked fields." : refusal.detail ?? "This page failed.";
  tell(form, [words, ...rest].join(" "), "wrong");
  [...document.querySelectorAll("input")].find((input) => wrong.has(input))?.focus();
}

/** What a form was told is over; what was looked up of a value still holds. */
function forget(form) {
  const marked = [...form.querySelectorAll("[aria-invalid]")];
  for (const input of marked.filter(({ dataset, value }) => dataset.checked !== value)) tellField(input, "");
  tell(form, "");
}

/** Has a form do something when it is sent, one thing at a time. */
export function onSubmit(form, act, names = () => ({})) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    forget(form);
    try {
      await act();
    } catch (refusal) {
      showRefusal(form, refusal, names());
      if (refusal.status === 429) countDown(form.querySelector("button"), refusal.retryAfterSeconds);
    }
    form.ariaBusy = "false";
  });
}

const timers = new Map();

function inWords(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** Disables a button for so many seconds, which it shows. */
export function countDown(button, seconds) {
  stopCountDown(button);
  const until = Date.now() + 1000 * seconds;
  const label = button.textContent;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) stopCountDown(button);
    else button.textContent = `Again in ${inWords(left)}`;
  };
  timers.set(button, { label, timer: setInterval(tick, 250) });
  button.disabled = true;
  tick();
}

export function stopCountDown(button) {
  const running = timers.get(button);
  if (!running) return;
  clearInterval(running.timer);
  timers.delete(button);
  button.textContent = running.label;
  button.disabled = false;
}

/** Asks whether a field's value is free, says so beside it, and returns it: `free`, `taken`, `invalid`, or nothing
 *  where it cannot be told. Each value is asked for once, since a captcha is good for five. */
export async function checkAvailability(input, kind, captchaToken) {
  const { value } = input;
  if (value === "" || input.dataset.checked === value) return null;
  input.dataset.checked = value;
  const found = await lookUp({ kind, value, captcha_token: captchaToken });
  if (!found.outcome) delete input.dataset.checked;
  if (input.value === value) tellField(input, found.text, found.look);
  return found.outcome;
}

async function lookUp(asked) {
  try {
    const { available } = (await post("/v1/availability-checks", asked)).body;
    if (available) return { outcome: "free", text: "Free.", look: "good" };
    return { outcome: "taken", text: TAKEN[asked.kind], look: "wrong" };
  } catch (refusal) {
    if (refusal.status === 422) return { outcome: "invalid", text: refusal.errors[0].message, look: "wrong" };
    // Too often, or the captcha is used up: that is not the value's fault, and sending the form tells the rest.
    return { outcome: null, text: refusal.detail, look: "" };
  }
}

/** A field that is being changed is not wrong any more. */
document.addEventListener("input", ({ target }) => {
  if (document.getElementById(`${target.id}-told`)) tellField(target, "");
  delete target.dataset.checked;
});
