// Sends people to a provider. The page that they come back to is oauth.js.

import { post } from "./api.js";

/** Where the page keeps what the provider has to bring back. */
export function keyOfState(provider) {
  return `campus.oauth.${provider}`;
}

export async function goToProvider(provider) {
  const told = document.getElementById("social-told");
  told.textContent = "";
  const redirect_uri = `${location.origin}/_local/web/oauth/${provider}`;
  try {
    const { authorization_url, state } = (await post(`/v1/oauth/${provider}/authorizations`, { redirect_uri })).body;
    sessionStorage.setItem(keyOfState(provider), state);
    location.assign(authorization_url);
  } catch (refusal) {
    told.textContent = [refusal.detail, ...refusal.errors.map(({ message }) => message)].join(" ");
  }
}
