/** The page of an invite: suggests a login name while the name is typed, until somebody writes their own. */

export {};

const form = document.querySelector<HTMLFormElement>("form[data-join]");
const name = form?.querySelector<HTMLInputElement>("[name=name]");
const username = form?.querySelector<HTMLInputElement>("[name=username]");

/** `Ada Lovelace` → `ada.lovelace`, as the server makes them (`boards/accounts.py`). */
function suggested(words: string): string {
  const plain = words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, ".").replace(/^\.|\.$/g, "").slice(0, 27).replace(/\.$/, "");
}

if (name && username) {
  let own = username.value !== "";
  username.addEventListener("input", () => (own = username.value !== ""));
  name.addEventListener("input", () => {
    if (!own) username.value = suggested(name.value);
  });
}
