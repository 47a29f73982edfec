// What `crawl.py` asks of a page. Each function gives a list of texts, one for each thing that is found.
window.crawl = (() => {
  const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const nameOf = element =>
    element.localName + (element.id ? `#${element.id}` : "") + [...element.classList].map(one => `.${one}`).join("");
  const short = text => text.replace(/\s+/g, " ").trim().slice(0, 80);
  const isClipped = value => value === "hidden" || value === "clip";
  const scrolls = value => value === "auto" || value === "scroll";
  const TELLING = new Set(["class", "role", "type"]);
  const ALIKE = "data-alike";
  const NOT_LAID_OUT = "script, style, template, noscript, option, svg, .skip, textarea";
  // Read out, not shown: the labels of the narrow sidebar, for one.
  const isReadOnly = element =>
    element !== null && (getComputedStyle(element).clipPath === "inset(50%)" || isReadOnly(element.parentElement));

  function* texts(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      const element = node.parentElement;
      if (node.data.trim() && !element.closest(NOT_LAID_OUT) && shown(element) && !isReadOnly(element)) yield node;
    }
  }

  const boxesOf = node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter(box => box.width > 0 && box.height > 0);
  };

  // Whether all of the text can be read elsewhere: it ends in an ellipsis, and its tooltip has the whole.
  const isTold = element => {
    const style = getComputedStyle(element);
    const ellipsis = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    return ellipsis && element.closest("[title]") !== null;
  };

  function cutAt(node, boxes) {
    for (let element = node.parentElement; element && element !== document.body; element = element.parentElement) {
      const style = getComputedStyle(element);
      const [x, y] = [style.overflowX, style.overflowY];
      if (x === "visible" && y === "visible") continue;
      const frame = element.getBoundingClientRect();
      if (isClipped(x) && boxes.some(box => box.right > frame.right + 1 || box.left < frame.left - 1)) {
        return isTold(element) ? null : element;
      }
      if (isClipped(y) && boxes.some(box => box.bottom > frame.bottom + 4 || box.top < frame.top - 4)) {
        return isTold(element) ? null : element;
      }
      if (scrolls(x) || scrolls(y) || style.position === "fixed") return null;
    }
    return null;
  }

  // What an element is built of, without a word: of children that are alike one counts.
  function shapeOf(element, without, alike) {
    const own = [...element.attributes].filter(one => one.name !== "aria-current" && one.name !== ALIKE).map(one =>
      TELLING.has(one.name) ? `${one.name}=${one.value}` : one.name).sort();
    const told = [...element.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim()) ? "t" : "";
    const shapes = new Map();
    for (const child of element.localName === "svg" ? [] : element.children) {
      if (child === without || child.matches("script, style")) continue;
      const shape = shapeOf(child, without, alike);
      shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
      if (shapes.get(shape) > 2) alike?.push(child);
    }
    return `${element.localName}[${own}]${told}(${[...shapes.keys()].join("")})`;
  }

  return {
    // The page itself, and what is around it.
    shapes() {
      const main = document.querySelector("main");
      return [main ? shapeOf(main) : "", shapeOf(document.body, main)];
    },

    // Mark what axe and whoever opens menus pass over: the page itself or what is around it, where it is known.
    leaveOut(isPageNew, isAroundNew) {
      const known = [];
      const main = document.querySelector("main");
      if (main && !isPageNew) known.push(...main.children);
      for (let one = main; one && !isAroundNew && one !== document.body; one = one.parentElement) {
        known.push(...[...one.parentElement.children].filter(other => other !== one));
      }
      for (const element of known) element.setAttribute(ALIKE, "");
    },

    // The same, and of things that are alike, such as the rows of a list, all but two.
    thin(isPageNew, isAroundNew) {
      const alike = [];
      shapeOf(document.body, null, alike);
      for (const element of alike) element.setAttribute(ALIKE, "");
      this.leaveOut(isPageNew, isAroundNew);
    },

    sideways() {
      const room = Math.round(document.documentElement.getBoundingClientRect().width);
      const width = room < innerWidth ? document.body.scrollWidth : document.documentElement.scrollWidth;
      if (width <= room) return [];
      const wide = [...document.body.querySelectorAll("*")].filter(one => {
        return shown(one) && one.getBoundingClientRect().right > room + 1 && ![...one.children].some(child =>
          child.getBoundingClientRect().right > room + 1);
      });
      return [`scrolls sideways by ${width - room}: ${wide.slice(0, 3).map(nameOf).join(", ")}`];
    },

    // What is laid out stands between the margins of a sheet; its media queries go by all of it.
    margins() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("@media print { html { inline-size: 703px } }");
      document.adoptedStyleSheets.push(sheet);
      return [];
    },

    // Paper does not scroll: what does not fit is gone.
    scrollers() {
      return [...document.querySelectorAll("main *")].filter(one =>
        shown(one) && one.scrollWidth > one.clientWidth + 1 && scrolls(getComputedStyle(one).overflowX)
      ).map(one => `would have to scroll: ${nameOf(one)}`);
    },

    cut(root = document.body) {
      const found = [];
      for (const node of texts(root)) {
        const boxes = boxesOf(node);
        const at = cutAt(node, boxes);
        if (at) found.push(`cut by ${nameOf(at)}: ${short(node.data)}`);
        const holder = node.parentElement.closest(
          "td, th, button, .btn, .badge, .chip, .stat, .panel, .pop, dialog, [popover], [role=region]");
        const frame = holder?.matches("[role=region]") ? null : holder?.getBoundingClientRect();
        const ellipsis = getComputedStyle(node.parentElement).textOverflow === "ellipsis";
        if (frame && !ellipsis && boxes.some(box => box.right > frame.right + 1.5 || box.left < frame.left - 1.5)) {
          found.push(`stands out of ${nameOf(holder)}: ${short(node.data)}`);
        }
      }
      return found;
    },

    // Letters of two texts on top of each other, as far as they are in view; what floats lies over others on purpose.
    overlapping() {
      const layerOf = element => {
        if (!element || element === document.body) return null;
        const style = getComputedStyle(element);
        return style.position === "sticky" || style.zIndex !== "auto" ? element : layerOf(element.parentElement);
      };
      const scrollerOf = element => {
        if (!element || element === document.body) return null;
        const style = getComputedStyle(element);
        return style.overflowX !== "visible" || style.overflowY !== "visible" ? element : scrollerOf(element.parentElement);
      };
      const all = [];
      for (const node of texts(document.querySelector("main") ?? document.body)) {
        const layer = layerOf(node.parentElement);
        const frame = scrollerOf(node.parentElement)?.getBoundingClientRect();
        for (const box of boxesOf(node)) {
          const seen = frame ? {
            left: Math.max(box.left, frame.left), right: Math.min(box.right, frame.right),
            top: Math.max(box.top, frame.top), bottom: Math.min(box.bottom, frame.bottom),
          } : box;
          if (seen.left < seen.right && seen.top < seen.bottom) all.push({ node, box: seen, layer });
        }
      }
      all.sort((one, other) => one.box.top - other.box.top);
      const found = [];
      for (const [index, one] of all.entries()) {
        for (let next = index + 1; next < all.length && all[next].box.top < one.box.bottom - 3; next++) {
          const other = all[next];
          const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (one.node !== other.node && one.layer === other.layer && wide > 3 && high > 5) {
            found.push(`on top of each other: ${short(one.node.data)} | ${short(other.node.data)}`);
          }
        }
      }
      return found.slice(0, 5);
    },

    // A sentence behind a text that has a dot of its own, as a date of Russian has: "2026 г.."
    doubled() {
      return [...texts(document.body)].filter(node => /[^.]\.\.(?!\.)/.test(node.data))
        .map(node => `two dots: ${short(node.data)}`);
    },

    wrapped() {
      return [...document.querySelectorAll(".btn, .badge, .chip, .tabs a, .seg > *")].filter(shown).filter(element => {
        const lines = [...texts(element)].flatMap(boxesOf).map(box => box.top);
        return lines.length && Math.max(...lines) - Math.min(...lines) > 10;
      }).map(element => `wraps: ${nameOf(element)} ${short(element.textContent)}`);
    },

    place() {
      const nav = [...document.querySelectorAll("aside.side nav.nav")].find(shown);
      if (!nav) return [];
      const current = [...nav.querySelectorAll("[aria-current]")];
      if (current.length !== 1) return [`${current.length} places are marked`];
      const [frame, box] = [nav, current[0]].map(one => one.getBoundingClientRect());
      const isSeen = shown(current[0]) && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
      return isSeen ? [] : [`the marked place is not in view: ${short(current[0].textContent)}`];
    },

    tabs() {
      return [...document.querySelectorAll(".tabs, .seg")].filter(shown).flatMap(tabs => {
        const current = tabs.querySelector("[aria-current]");
        if (!current) return [];
        const [frame, box] = [tabs, current].map(one => one.getBoundingClientRect());
        return box.left >= frame.left - 1 && box.right <= frame.right + 1 ? [] : [`tab not in view: ${short(current.textContent)}`];
      });
    },

    // What is told by a fill alone: it has no text, and nothing of it is left where the colours are the system's.
    fills() {
      window.crawlFills = [...document.body.querySelectorAll("*")].filter(element => {
        if (!shown(element) || element.textContent.trim() || element.querySelector("*")) return false;
        const [own, above] = [element, element.parentElement].map(one => getComputedStyle(one));
        const box = element.getBoundingClientRect();
        const opaque = own.backgroundColor !== "rgba(0, 0, 0, 0)" && own.backgroundColor !== above.backgroundColor;
        return opaque && box.width > 1 && box.height > 1 && !element.matches("input, select, textarea, progress");
      });
      return [];
    },

    lostFills() {
      return (window.crawlFills ?? []).filter(element => {
        const style = getComputedStyle(element);
        return style.forcedColorAdjust === "auto" && style.borderTopStyle === "none" && style.outlineStyle === "none";
      }).map(element => `told by a fill alone: ${nameOf(element)}`);
    },

    // What is wrong with what opens over the page, each on its own.
    opened() {
      const all = [...document.querySelectorAll("details:not([open]), [popover], dialog:not([open])")];
      return all.filter(one => !one.closest(`[${ALIKE}]`) && (one.localName !== "details" || shown(one))).flatMap(one => {
        const name = nameOf(one);
        const found = this.open(one);
        this.close(one);
        return found.map(fault => `${name}: ${fault}`);
      });
    },

    open(element) {
      if (element.localName === "dialog") element.showModal();
      else if (element.hasAttribute("popover")) element.showPopover();
      else element.open = true;
      const parts = element.localName === "details" ? [...element.children].slice(1) : [element];
      const outside = parts.filter(shown).filter(part => {
        const box = part.getBoundingClientRect();
        return box.left < -1 || box.right > innerWidth + 1;
      });
      const faults = outside.map(part => `${nameOf(part)} stands out of the window`);
      return [...faults, ...this.cut(element), ...this.sideways()];
    },

    close(element) {
      if (element.localName === "dialog") element.close();
      else if (element.hasAttribute("popover")) element.hidePopover();
      else element.open = false;
    },

    controls() {
      const all = document.querySelectorAll("a.skip, button, input, select, textarea, summary, nav:not(.seg), .btn");
      return [...all].filter(one => shown(one) && !isReadOnly(one) && !one.closest("nav[aria-label]:has(.crumbs), .crumbs"))
        .map(one => `control on paper: ${nameOf(one)} ${short(one.textContent)}`);
    },

    // Every word of the page, told or shown, that has Latin letters.
    words() {
      const found = new Set();
      const add = text => /[A-Za-z]{2}/.test(text) && found.add(text.replace(/\s+/g, " ").trim());
      const read = root => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
        for (let node; (node = walker.nextNode()); ) {
          if (node.nodeType === Node.TEXT_NODE) {
            if (!node.parentElement?.closest("script, style, code, kbd, samp, .av")) add(node.data);
            continue;
          }
          if (node.localName === "template") read(node.content);
          for (const name of ["aria-label", "title", "placeholder", "alt"]) add(node.getAttribute(name) ?? "");
          for (const { name, value } of node.attributes) {
            if (name.startsWith("data-") && /[A-Za-z]{2,} [a-z]{2,}/.test(value)) add(value);
          }
        }
      };
      read(document.documentElement);
      return [...found];
    },

    // Where the links and forms of the page lead; one row is ticked in a form that wants rows.
    addresses() {
      const found = [...document.links].map(link => link.href);
      for (const form of document.forms) {
        if (form.method !== "get") continue;
        const box = [...form.elements].find(one => one.type === "checkbox" && one.name === "row");
        if (box) box.checked = true;
        for (const sender of [...form.elements].filter(one => one.type === "submit")) {
          const query = new URLSearchParams(new FormData(form, sender));
          found.push(`${sender.getAttribute("formaction") ? sender.formAction : form.action}?${query}`);
        }
        if (box) box.checked = false;
      }
      return found;
    },

    // Forms that want something, by their address; what they want is taken from them and they are sent.
    forms() {
      const wanted = [...document.forms].filter(form => form.method === "post" && form.querySelector(
        "main :is(input:not([type]), [type=text], [type=email], [type=password], [type=tel], textarea)[required]"));
      return wanted.map(form => form.getAttribute("action") ?? location.pathname);
    },

    sendEmpty(action) {
      const form = [...document.forms].find(one => (one.getAttribute("action") ?? location.pathname) === action);
      for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
        if (!["checkbox", "radio", "submit", "file"].includes(field.type)) field.value = "";
      }
      HTMLFormElement.prototype.submit.call(form);
    },
  };
})();
