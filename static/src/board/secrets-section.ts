/** What a card's session is given in secret: a part of its details. */

import { html, render } from "lit-html";
import { mayEdit } from "../model/may";
import type { Secret } from "../model/secrets";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { Loaded } from "./loaded";
import { SecretList } from "./secret-list";
import type { SheetSection } from "./sheet-sections";

export function secretsSection(store: Store, card: Card): SheetSection {
  const element = document.createElement("section");
  element.className = "sheet-section secrets";
  element.setAttribute("aria-label", "Secrets");
  element.hidden = !mayEdit(store);
  const place = { kind: "card", id: card.id } as const;
  const draw = (): void => void render(html`<header><h3>Secrets</h3></header>${loaded.view((secrets) => list.view(secrets))}`, element);
  const loaded: Loaded<Secret[]> = new Loaded(card, () => api.secrets(place), draw);
  const list = new SecretList(store, place, () => mayEdit(store), () => loaded.load(), draw);
  draw();
  if (mayEdit(store)) void loaded.load();
  const unsaved = (): boolean => Boolean(element.querySelector<HTMLTextAreaElement>("[name=value]")?.value);
  const focus = (): void => {
    element.scrollIntoView({ block: "center" });
    element.querySelector<HTMLElement>("[name=name]")?.focus({ preventScroll: true });
  };
  return { element, unsaved, focus, changed: (now) => loaded.follow(now), closed: () => loaded.end() };
}
