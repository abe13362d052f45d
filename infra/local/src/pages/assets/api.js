// Calls the API as a front end does. Problems are thrown, in the words of the API.

/** An answer that is no success: what a person is told, which fields are wrong, and how long to wait. */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail);
    this.status = status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = Number(retryAfter ?? 0);
  }
}

const LOST = { code: "lost", detail: "The API does not answer. Please try again." };

/** Keys of requests that got no answer: sent again, each is the same request and takes effect once. */
const unanswered = new Map();

function keyOf(request) {
  if (!unanswered.has(request)) unanswered.set(request, crypto.randomUUID());
  return unanswered.get(request);
}

/** The status and document of a success. */
export async function call(method, path, body, accessToken) {
  const request = JSON.stringify([method, path, body]);
  // The page is in one language, so what it is told is in the same.
  const headers = { "accept-language": document.documentElement.lang };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = keyOf(request);
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  let answer, text;
  try {
    // The tokens are in the page's hands; cookies have no part in it.
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
    text = await answer.text();
  } catch {
    throw new Refusal(0, LOST);
  }
  unanswered.delete(request);
  const told = text === "" ? null : JSON.parse(text);
  if (!answer.ok) throw new Refusal(answer.status, told ?? LOST, answer.headers.get("retry-after"));
  return { status: answer.status, body: told };
}

export function post(path, body) {
  return call("POST", path, body);
}
