// Stands in for the widgets of captcha providers: a box to tick, whoever made the challenge.

import { call, post } from "./api.js";

/** What a provider's widget would hand to the page, once a person solved the challenge of these parameters. */
const ANSWERS = {
  none: async () => ({}),
  geetest_v3: (parameters) => standIn("geetest_v3", parameters),
  geetest_v4: (parameters) => standIn("geetest_v4", parameters),
  turnstile: (parameters) => standIn("turnstile", parameters),
};

/** The provider of this machine says what the real one's widget would. */
async function standIn(provider, parameters) {
  return (await call("POST", `/_local/providers/${provider}/answers`, parameters)).body;
}

async function solve() {
  const { id, provider, parameters } = (await post("/v1/captcha-challenges", {})).body;
  const solution = await ANSWERS[provider](parameters);
  return (await post(`/v1/captcha-challenges/${id}/solutions`, solution)).body.captcha_token;
}

/** The widget in a box; `solved` is called whenever there is a new token. */
export function captchaIn(box, solved) {
  const tick = box.querySelector("input");
  const told = box.querySelector("[aria-live]");
  let token = null;
  /** Who takes the tick away again does not want what comes of it. */
  let latest = 0;

  const reset = (why) => {
    token = null;
    latest += 1;
    tick.checked = false;
    told.textContent = why;
  };
  const demand = () => {
    reset("Please tick this first.");
    tick.focus();
  };
  tick.addEventListener("change", async () => {
    if (!tick.checked) return reset("");
    const solving = ++latest;
    told.textContent = "One moment…";
    try {
      const given = await solve();
      if (solving !== latest) return;
      token = given;
      told.textContent = "Thank you.";
      solved();
    } catch (refusal) {
      if (solving === latest) reset(refusal.detail ?? "This provider's captcha cannot be shown.");
    }
  });
  return { token: () => token, reset, demand };
}
