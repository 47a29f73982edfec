// The service worker of the rep's day: shows the day as it was when there is no connection, and handles nothing else.
//
// It caches one page, today's latest, and the files that the page names, by the version of this file and the page's
// owner. Another person's page replaces it; signing out deletes it (static/js/unsent.js). VERSION is prepended to this
// file.

const PREFIX = "rep-day:";
const PATIENCE_MS = 10_000; // for a page; a slower connection counts as none
const AT = "X-Kept-At";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data === "keep the day") event.waitUntil(keepAtFirst());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === page()) event.respondWith(day(event, search));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});

/* The scope is also the prefix of other addresses (/reports): only this one is the day. */
function page() {
  return new URL(self.registration.scope).pathname;
}

async function day(event, search) {
  try {
    const answer = await Promise.race([fetch(event.request), tooLate()]);
    if (answer.type === "opaqueredirect") event.waitUntil(forget()); // no one is signed in
    else if (answer.ok && !search) event.waitUntil(keep(answer.clone()));
    return answer;
  } catch (error) {
    const kept = await find();
    if (!kept) throw error;
    return search ? Response.redirect(page()) : marked(kept);
  }
}

function tooLate() {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new TypeError("no answer")), PATIENCE_MS));
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreVary: true });
    if (!kept) throw error;
    return kept;
  }
}

/* The page states its owner, and whether it is that person's own day. */
async function keep(answer) {
  const html = await answer.text();
  const account = /<body data-account="([^"]+)"/.exec(html)?.[1];
  if (!account || !html.includes("data-worker=")) return forget();
  const name = `${PREFIX}${VERSION}:${account}`;
  const cache = await caches.open(name);
  const files = new Set([...html.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map(([, address]) => address.replaceAll("&amp;", "&")));
  for (const address of files) {
    if (!(await cache.match(address, { ignoreVary: true }))) await cache.add(address);
  }
  const headers = new Headers(answer.headers);
  headers.set(AT, new Date().toISOString());
  for (const gone of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(gone);
  await cache.put(page(), new Response(html, { headers }));
  await forget(name);
}

async function keepAtFirst() {
  if (await find()) return;
  const answer = await fetch(page(), { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected) await keep(answer);
}

async function find() {
  for (const name of await names()) {
    const kept = await (await caches.open(name)).match(page(), { ignoreVary: true });
    if (kept) return kept;
  }
  return null;
}

async function marked(kept) {
  const html = await kept.text();
  return new Response(html.replace("<body ", `<body data-kept-at="${kept.headers.get(AT)}" `), { headers: kept.headers });
}

async function forget(besides) {
  await Promise.all((await names()).filter((name) => name !== besides).map((name) => caches.delete(name)));
}

async function names() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}
