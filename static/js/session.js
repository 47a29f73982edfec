// Sessions that end while a page is open: sign in in place, without losing what was typed. Without this file, the
// sign-in page carries the form (app/people/sign_in/ended_session_views.py).

const FRESH_MS = 60_000; // for this long, the session isn't checked again
const FRESH_FOR_FILES_MS = 5_000; // a file is only in this page and would be lost in a submit that comes too late
const PATIENCE_MS = 10_000; // a slower response counts as no connection
const SESSION = "/account/session";
const TYPED_INTO = ":is(input:not([type=hidden]), select, textarea)";
const { account } = document.body.dataset;
const dialog = document.getElementById("sign-in-again");
const elsewhere = document.getElementById("signed-in-elsewhere"); // shown if a platform user is in another organization
const asking = new WeakSet();
const asked = new WeakSet(); // checked and being submitted: each form is checked once, with or without a connection
let known = Date.now();
let signingIn = null;

// ---- before a form is sent from a page that has been open for a while ----

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!dialog || form.method !== "post" || dialog.contains(form) || !form.querySelector(TYPED_INTO)) return;
    if (asked.delete(form) || Date.now() - known < (holdsFile(form) ? FRESH_FOR_FILES_MS : FRESH_MS)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asking.has(form)) return;
    asking.add(form);
    const isThere = await isSignedIn();
    asking.delete(form);
    if (!isThere) return;
    asked.add(form);
    form.requestSubmit(submitter);
    asked.delete(form);
  },
  { capture: true },
);

function holdsFile(form) {
  return [...form.querySelectorAll("input[type=file]")].some(({ files }) => files.length > 0);
}

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response.raw.ok) known = Date.now();
});

// ---- HTMX requests that were refused ----

document.addEventListener("session:ended", (event) => {
  if (!dialog) return;
  event.preventDefault();
  isSignedIn().then((isThere) => isThere && event.detail.again());
});

/* Return whether the user is signed in, possibly after waiting: the same person as before, otherwise the page
   is left. */
async function isSignedIn() {
  let answer;
  try {
    answer = await fetch(SESSION, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return true; // no connection: submitting will report it
  }
  if (answer.ok) return goOn(await answer.json());
  const { error } = await answer.json().catch(() => ({}));
  if (answer.status === 401) return (signingIn ??= signIn(error?.message ?? ""));
  return true; // submitting will report the problem
}

function goOn(session) {
  const isElsewhere = session.account !== account;
  if (isElsewhere && !(elsewhere && personOf(session.account) === personOf(account))) {
    leave();
    return false;
  }
  known = Date.now();
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": session.csrf_token }));
  document.querySelectorAll("input[name=csrf_token]").forEach((field) => (field.value = session.csrf_token));
  if (isElsewhere) sayElsewhere();
  return !isElsewhere;
}

function personOf(someAccount) {
  return someAccount.split(".")[1];
}

/* A platform user who was in another organization and is back in their own. */
function sayElsewhere() {
  dialog.querySelector("[data-steps]").replaceChildren(elsewhere.content.cloneNode(true));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-steps] a").focus();
}

/* Another user has signed in here: the contents of these forms aren't theirs. */
function leave() {
  document.querySelectorAll("form").forEach((form) => form.remove());
  location.assign("/");
}

// ---- the dialog ----

async function signIn(why) {
  dialog.querySelector("[data-why]").textContent = why;
  await show(fetch("/login", { headers: { Accept: "text/html" } }));
  dialog.showModal();
  focusFirst();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        signingIn = null;
        resolve(dialog.returnValue === "signed in");
        dialog.returnValue = "";
      },
      { once: true },
    );
  });
}

dialog?.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  event.preventDefault();
  submitter?.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form, submitter));
  show(fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } })).then(focusFirst);
});

/* Show the sign-in step in a response; the last step redirects to the session itself. */
async function show(answering) {
  const place = dialog.querySelector("[data-steps]");
  let answer;
  try {
    answer = await answering;
  } catch {
    place.replaceChildren(document.getElementById("fragment-error").content.firstElementChild.cloneNode(true));
    return;
  }
  if (answer.headers.get("Content-Type").startsWith("application/json")) {
    if (goOn(await answer.json())) dialog.close("signed in");
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const step = document.importNode(page.querySelector("[data-sign-in-step]") ?? page.querySelector("main") ?? page.body, true);
  setApart(step);
  place.replaceChildren(step);
}

/* The page behind can have the same ids, and must stay where it is. */
function setApart(step) {
  for (const name of ["id", "for", "aria-describedby"]) {
    for (const element of step.querySelectorAll(`[${name}]`)) {
      element.setAttribute(name, element.getAttribute(name).replace(/\S+/g, "again-$&"));
    }
  }
  step.querySelectorAll("a[href^='#']").forEach((link) => link.setAttribute("href", `#again-${link.hash.slice(1)}`));
  step.querySelectorAll("a[href^='/']").forEach((link) => (link.target = "_blank"));
  const next = step.querySelector("input[name=next]");
  if (next) next.value = SESSION;
}

function focusFirst() {
  const first = dialog.querySelector("[data-error-summary], [autofocus]") ?? dialog.querySelector(`.dialog-body ${TYPED_INTO}`);
  if (dialog.open) (first ?? dialog.querySelector("h2")).focus();
}
