// Signs up as a front end does, with a client made from the API description: `infra/clients/test` compiles and runs it
// against a local system. What the compiler lets pass is part of what is tested, so no type of the API is cast.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./campus.js";

type Schemas = components["schemas"];

const PHONE = "010-1234-5678";
const PASSWORD = "drie kleine eendjes";

const baseUrl = process.env["CAMPUS_URL"] ?? "http://127.0.0.1:8080";
const api = createClient<paths>({ baseUrl, headers: { "accept-language": "en" } });

let session: Schemas["TokenView"] | undefined;
api.use({
    onRequest({ request }) {
        if (session?.access_token !== undefined) {
            request.headers.set("authorization", `Bearer ${session.access_token}`);
        }
        return request;
    },
});

/** An answer's document; a problem is thrown. */
function succeeded<Data>(answer: { data?: Data; error?: Schemas["Problem"] }): Data {
    if (answer.data === undefined) {
        throw new Error(`${answer.error?.code}: ${answer.error?.detail}`);
    }
    return answer.data;
}

/** The six digits of the latest message to someone. They come to a phone; this is the local system's outbox. */
async function readCode(to: string): Promise<string> {
    const outbox = `${baseUrl}/_local/outbox.json?limit=1&to=${encodeURIComponent(to)}`;
    for (const until = Date.now() + 30_000; Date.now() < until; ) {
        const { items }: { items: { text: string }[] } = await (await fetch(outbox)).json();
        const code = items[0]?.text.match(/\b\d{6}\b/)?.[0];
        if (code !== undefined) {
            return code;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nothing was sent to ${to}`);
}

async function proveNumber(): Promise<string> {
    const challenge = succeeded(await api.POST("/v1/captcha-challenges", { body: {} }));
    const { captcha_token } = succeeded(
        await api.POST("/v1/captcha-challenges/{id}/solutions", {
            params: { path: { id: challenge.id } },
            // What a widget would add for other providers.
            body: {},
        }),
    );
    const { id } = succeeded(
        await api.POST("/v1/verification-codes", {
            body: { channel: "sms", target: PHONE, purpose: "sign_up", captcha_token },
        }),
    );
    const code = await readCode("+821012345678");
    const confirmation = await api.POST("/v1/verification-codes/{id}/confirmations", {
        params: { path: { id } },
        body: { code },
    });
    return succeeded(confirmation).proof;
}

/** Whatever is wrong with a form is told at once, each field by its place. */
async function seeRefusal(): Promise<void> {
    const { error } = await api.POST("/v1/users", {
        body: {
            username: "me",
            password: PASSWORD,
            password_confirmation: "twee kleine eendjes",
            proof: "none",
            terms_accepted: true,
        },
    });
    // @ts-expect-error: no refusal of this operation has this code, so the codes are known to the compiler.
    assert(error?.code !== "token_expired");
    assert(error?.code === "validation_failed");
    const errors: Schemas["FieldError"][] = error.errors ?? [];
    // The passwords' difference is of no single field.
    assert.deepEqual(errors.map(({ pointer }) => pointer).sort(), ["", "/username"]);
    assert.equal(errors.find(({ code }) => code === "password_mismatch")?.pointer, "");
}

async function signUp(proof: string): Promise<Schemas["UserView"]> {
    const request = {
        params: { header: { "idempotency-key": randomUUID() } },
        body: {
            username: "minsu_26",
            password: PASSWORD,
            password_confirmation: PASSWORD,
            proof,
            terms_accepted: true,
        },
    };
    const first = await api.POST("/v1/users", request);
    // As if the answer had been lost on its way.
    const again = await api.POST("/v1/users", request);
    const signedUp = succeeded(again);
    assert.deepEqual(signedUp, succeeded(first));
    assert.equal(again.response.headers.get("idempotency-replayed"), "true");
    // By mail alone the answer is that a link is on its way.
    assert("session" in signedUp);
    session = signedUp.session;
    return signedUp.user;
}

await seeRefusal();
const user = await signUp(await proveNumber());
const me = succeeded(await api.GET("/v1/users/me"));
assert.deepEqual(me, user);
// Null is said, or the compiler would ask for `undefined` to be thought of.
const phone: Schemas["ContactView"] | null = me.phone;
assert(phone?.verified);

const { response } = await api.DELETE("/v1/sessions/current");
assert.equal(response.status, 204);
session = undefined;
const { error } = await api.GET("/v1/users/me");
assert(error?.code === "token_missing");

console.log(`${me.username} signed up with ${phone.masked}, and out again`);
