// Keeps a page as it would be if it were loaded now, copies codes, and sends what forms and buttons ask for.

const INTERVAL_MS = 1000;
const status = document.getElementById("status");
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** The HTML that the server gave for an element: what it has become since, such as an opened part, is no change. */
const given = new WeakMap();
/** Only the latest answer counts. */
let latest = 0;
let timer = 0;

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

/** What the local system's clock says, which may be ahead of the browser's. */
function now() {
  return new Date(Date.now() + 1000 * Number(document.getElementById("clock").dataset.ahead));
}

/** Times of today without the date. */
function showTimes(root) {
  for (const shown of root.querySelectorAll("time[datetime]")) {
    const instant = new Date(shown.dateTime);
    const isToday = instant.toDateString() === now().toDateString();
    shown.textContent = (isToday ? time : when).format(instant);
    shown.title = when.format(instant);
  }
}

function keep(root) {
  for (const live of root.querySelectorAll("[data-live]")) {
    given.set(live, live.innerHTML);
    for (const child of live.children) given.set(child, child.outerHTML);
  }
}

/** Makes the children of a live element those of its new form. What has not changed stays the very same element, so that
 *  focus, opened parts, frames and the place on the page stay, too. */
function renew(live, next) {
  if (given.get(live) === next.innerHTML) return;
  given.set(live, next.innerHTML);
  const known = new Map([...live.children].map((child) => [child.id, child]));
  if (next.children.length === 0 || [...next.children].some((child) => !child.id)) {
    live.innerHTML = next.innerHTML;
    return;
  }
  const wanted = [...next.children];
  const ids = new Set(wanted.map((child) => child.id));
  for (const [id, child] of known) if (!ids.has(id)) child.remove();
  const focused = document.activeElement?.id;
  let place = live.firstElementChild;
  let arrived = 0;
  for (const child of wanted) {
    const html = child.outerHTML;
    let element = known.get(child.id);
    if (!element || given.get(element) !== html) {
      const old = element;
      element = document.importNode(child, true);
      given.set(element, html);
      showTimes(element);
      if (old) {
        if (place === old) place = element;
        for (const part of old.querySelectorAll("details[open]")) {
          const place = [...old.querySelectorAll("details")].indexOf(part);
          element.querySelectorAll("details")[place]?.setAttribute("open", "");
        }
        old.replaceWith(element);
      } else {
        arrived += 1;
      }
    }
    if (element === place) place = place.nextElementSibling;
    else live.insertBefore(element, place);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const what = live.dataset.announce;
  if (what && arrived > 0) say(`${arrived} new ${what}${arrived === 1 ? "" : "s"}`);
}

async function refresh() {
  clearTimeout(timer);
  const request = ++latest;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (request !== latest) return;
    if (status.dataset.lost) { delete status.dataset.lost; say(""); }
    for (const live of document.querySelectorAll("[data-live]")) {
      const renewed = next.getElementById(live.id);
      if (!renewed) continue;
      if (renewed.dataset.ahead) live.dataset.ahead = renewed.dataset.ahead;
      renew(live, renewed);
    }
  } catch {
    if (request === latest) { status.dataset.lost = "yes"; say("The local system does not answer. Trying again…"); }
  }
  if (request === latest && !document.hidden) timer = setTimeout(refresh, INTERVAL_MS);
}

function tick() {
  const clock = document.getElementById("clock");
  const minutes = Math.round(Number(clock.dataset.ahead) / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const ahead = [[days, "d"], [hours, "h"], [minutes % 60, "min"]].filter(([count]) => count > 0);
  clock.textContent = [time.format(now()), ...ahead.map(([count, unit], index) => `${index === 0 ? "+" : ""}${count} ${unit}`)].join(" ");
  for (const shown of document.querySelectorAll("[data-now]")) shown.textContent = when.format(now());
}

/** A form's fields as JSON; what is empty is left out. */
function fields(form) {
  const entries = [...new FormData(form)].filter(([, value]) => value !== "");
  return Object.fromEntries(entries.map(([name, value]) => [name, form.elements[name].type === "number" ? Number(value) : value]));
}

/** Asks the local system to do something, and says what came of it. */
async function send(asked, body) {
  try {
    const answer = await fetch(asked.dataset.post, {
      method: asked.dataset.method ?? "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const told = answer.status === 204 ? {} : await answer.json();
    if (answer.ok) {
      const done = asked.dataset.done ?? "Done";
      say(done.replace(/\{(\w+)\}/g, (_, name) => told[name]));
    } else {
      const wrong = (told.errors ?? []).map((error) => `${error.pointer.slice(1)}: ${error.message}`);
      say([told.detail, ...wrong].join(" "));
    }
  } catch {
    say("The local system does not answer.");
  }
  refresh();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  say(`Copied ${button.dataset.copy}`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button);
  else if (button?.dataset.post) send(button, button.dataset.body);
});
document.addEventListener("submit", (event) => {
  if (!event.target.dataset.post) return;
  event.preventDefault();
  send(event.target, JSON.stringify(fields(event.target)));
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (document.querySelector("main [data-live]")) refresh();
});

// On a phone the links are wider than the page.
document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
keep(document);
showTimes(document);
tick();
setInterval(tick, INTERVAL_MS);
if (document.querySelector("main [data-live]")) timer = setTimeout(refresh, INTERVAL_MS);
