// How fresh the page is: as its last answer, whoever asked for it.

const fresh = document.querySelector(".fresh");

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response.raw.ok && ctx.target?.closest?.("main")) renew(ctx.response.headers);
});
document.addEventListener("page:asked", ({ detail }) => renew(detail));

/* As the server writes it, in the zone of the organization. */
function renew(headers) {
  const answered = new Date(headers.get("Date") ?? Date.now());
  const shown = fresh?.querySelector("time");
  if (!shown) return;
  const written = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: fresh.dataset.zone });
  shown.dateTime = answered.toISOString();
  shown.removeAttribute("title"); // of the moment before
  shown.textContent = written.format(answered);
}
