// Two front ends as they would be written: one keeps its tokens, the other leaves them to the browser.

/** An answer, as far as a page can read it; its status is "blocked" where the browser lets it read nothing. */
async function call(url, method, headers, body, credentials) {
    const options = { method, headers, credentials };
    if (body !== undefined) {
        options.body = JSON.stringify(body);
        options.headers["content-type"] = "application/json";
    }
    let response;
    try {
        response = await fetch(url, options);
    } catch (error) {
        return { status: "blocked", body: { code: error.name } };
    }
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

class BearerClient {
    constructor(api) {
        this.api = api;
    }

    call(method, path, body) {
        const headers = this.session ? { authorization: `Bearer ${this.session.access_token}` } : {};
        return call(this.api + path, method, headers, body, "omit");
    }

    async signIn(login, password) {
        return this.keep(await this.call("POST", "/v1/sessions", { login, password }));
    }

    async refresh() {
        const { refresh_token } = this.session;
        return this.keep(await this.call("POST", "/v1/token-refreshes", { refresh_token }));
    }

    me() {
        return this.call("GET", "/v1/users/me");
    }

    signOut() {
        return this.call("DELETE", "/v1/sessions/current");
    }

    keep(answer) {
        if (answer.status === 201) {
            this.session = answer.body.session;
        }
        return answer;
    }
}

class CookieClient extends BearerClient {
    call(method, path, body) {
        const headers = this.session ? { "x-csrf-token": this.session.csrf_token } : {};
        return call(this.api + path, method, headers, body, "include");
    }

    async signIn(login, password) {
        return this.keep(await this.call("POST", "/v1/sessions", { login, password, transport: "cookie" }));
    }

    async refresh() {
        return this.keep(await this.call("POST", "/v1/token-refreshes", {}));
    }
}
