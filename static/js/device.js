// What is kept on this device until it can be sent: forms ("sends") and pieces of recordings ("parts"), in IndexedDB.
//
// Each value has `id`, `person` (data-account of the page it was made on) and `at` (milliseconds since 1970). What is
// kept stays when the page is closed; what is done with it is up to who keeps it.

const NAME = "switchboard";
const VERSION = 1;
const STORES = ["sends", "parts"];
let opening = null;

window.device = {
  /* Resolves once it is on the disk; the same id again takes its place. */
  async keep(store, value) {
    navigator.storage?.persist?.().catch(() => {}); // so that a full disk takes other sites' first
    await change([store], (stores) => stores[0].put(value));
  },

  /* What this person has kept there, oldest first. */
  async kept(store, person) {
    const values = await ask(store, (one) => one.index("person").getAll(person));
    return values.sort((one, other) => one.at - other.at);
  },

  async drop(store, id) {
    await change([store], (stores) => stores[0].delete(id));
  },

  /* Everything of everybody. */
  async clear() {
    await change(STORES, (stores) => stores.forEach((one) => one.clear()));
  },

  /* Who has anything kept here. */
  async people() {
    const found = await Promise.all(STORES.map(peopleOf));
    return [...new Set(found.flat())];
  },
};

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name, { keyPath: "id" }).createIndex("person", "person");
    };
    request.onsuccess = () => {
      const database = request.result;
      const forget = () => (opening = null);
      database.onclose = forget; // the browser's data were cleared
      database.onversionchange = () => {
        database.close();
        forget();
      };
      resolve(database);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  });
  return opening;
}

/* By the index alone: pieces of recordings are large. */
async function peopleOf(name) {
  const request = (await open()).transaction(name).objectStore(name).index("person").openKeyCursor(null, "nextunique");
  const people = [];
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve(people);
      people.push(cursor.key);
      cursor.continue();
    };
    request.onerror = () => reject(request.error);
  });
}

async function change(names, act) {
  const transaction = (await open()).transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  act(names.map((name) => transaction.objectStore(name)));
  await done;
}

async function ask(name, act) {
  const request = act((await open()).transaction(name).objectStore(name));
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
