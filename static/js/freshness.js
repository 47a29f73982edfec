// How fresh the page is: as of its last response, whichever code requested it.

const fresh = document.querySelector(".fresh");

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response.raw.ok && ctx.target?.closest?.("main")) renew(ctx.response.headers);
});
document.addEventListener("page:asked", ({ detail }) => renew(detail));

/* Formatted like the server does, in the organization's time zone. */
function renew(headers) {
  const answered = new Date(headers.get("Date") ?? Date.now());
  const shown = fresh?.querySelector("time");
  if (!shown) return;
  const written = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: fresh.dataset.zone });
  shown.dateTime = answered.toISOString();
  shown.removeAttribute("title"); // it belonged to the previous time
  shown.textContent = written.format(answered);
}
