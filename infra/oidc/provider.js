// An OpenID Connect provider that is nobody's stand-in: node-oidc-provider, which is certified. It takes Google's place.
import http from "node:http";
import { webcrypto } from "node:crypto";

// Node.js 18 has it under this name only.
globalThis.crypto ??= webcrypto;
const { Provider } = await import("oidc-provider");

export const PEOPLE = {
  "110001": { name: "김민지", email: "minji.kim@google.example", email_verified: true },
  "110002": { name: "박하준", email: "hajun.park@google.example", email_verified: false },
};
/** What Campus is known by here, and what `cargo run` has for it in the secret `provider-keys`. */
const CLIENT = { client_id: "campus-web", client_secret: "google secret" };

/** Starts it on a free port of loopback; it says where, as Campus is to be told, and how to stop it. */
export async function start(redirectUri) {
  let serve;
  const server = http.createServer((request, response) => serve(request, response));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;

  const provider = new Provider(`${url}/google`, {
    clients: [{ ...CLIENT, redirect_uris: [redirectUri], token_endpoint_auth_method: "client_secret_post" }],
    routes: { authorization: "/authorize", token: "/token", jwks: "/keys", userinfo: "/profile" },
    pkce: { required: () => true },
    // As Google does: what was asked for is in the id token.
    conformIdTokenClaims: false,
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  });
  const callback = provider.callback();
  serve = (request, response) => {
    // What the provider makes links with, when it is not at the root.
    request.originalUrl = request.url;
    request.url = request.url.replace(/^\/google/, "");
    callback(request, response);
  };
  return { url, stop: () => server.close() };
}
