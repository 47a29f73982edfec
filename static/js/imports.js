// The mapping page: text typed while a response is pending is preserved, and a suggestion disappears once the user
// chooses.

const FORM = "mapping-form";
const sent = new WeakMap(); // request context → what each field contained when it was sent

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const form = document.getElementById(FORM);
  if (form?.contains(ctx.sourceElement)) sent.set(ctx, held(form));
});

let typed = [];

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const form = document.getElementById(FORM);
  const before = sent.get(ctx);
  typed = form && before ? [...held(form)].filter(([id, value]) => before.get(id) !== value) : [];
});

document.addEventListener("htmx:after:swap", () => {
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field && isTicked(field)) field.checked = value;
    else if (field) field.value = value;
  }
});

document.addEventListener("change", ({ target }) => target.closest(".match")?.querySelector(".match-basis")?.remove());

function held(form) {
  const fields = [...form.elements].filter((field) => field.id && field.name && field.type !== "hidden");
  return new Map(fields.map((field) => [field.id, isTicked(field) ? field.checked : field.value]));
}

function isTicked(field) {
  return ["checkbox", "radio"].includes(field.type);
}
