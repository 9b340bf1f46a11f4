/** Sleep, resume and fork, as menus and buttons offer them. */

import { html } from "lit-html";
import { startCard } from "../model/actions";
import { columnOf } from "../model/board";
import { awake, sleeps, type Sleep } from "../model/life";
import { forkCard, sleepCard, sleepsPossible } from "../model/life-actions";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { openCard } from "../panel/route";
import { announce } from "../ui/announce";
import { ask, field } from "../ui/dialog";
import { cardElement } from "../ui/focus";
import type { IconName } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import type { Box } from "../ui/place";

const WORDS: Record<Sleep, [icon: IconName, words: string]> = {
  pause: ["pause", "Pause, programs kept"],
  stop: ["stop", "Stop, files kept"],
  archive: ["moon", "Archive session, snapshot kept"],
};

export function sleepItems(store: Store, card: Card): MenuItem[] {
  return sleepsPossible(card.session?.status).map((how) => ({ words: WORDS[how][1], icon: WORDS[how][0], action: () => void sleepCard(store, card, how) }));
}

export function showSleepMenu(store: Store, card: Card, place: Element | Box | null): void {
  const items = sleepItems(store, card);
  const beside = place ?? cardElement(card.id);
  if (beside && items.length) showMenu(`Send ${card.title} to sleep`, beside, [items]);
}

/** Forkable once there is something to go on from. */
export const mayFork = (card: Card): boolean => card.session !== null && card.session.status !== "new" && card.session.status !== "deleting";

/** The new card is opened: one is in it at once. */
export async function fork(store: Store, card: Card, from: { title?: string; snapshot?: string } = {}): Promise<Card | null> {
  const made = await forkCard(store, card, from);
  if (!made) return null;
  announce(`${made.title}: a fork of ${card.title}, in ${columnOf(store.board, made.id)?.name ?? "the board"}.`);
  openCard(store, made.id);
  return made;
}

export async function forkDialog(store: Store, card: Card, snapshot?: string): Promise<Card | null> {
  const title = snapshot ? "Fork from this snapshot" : `Fork “${card.title}”`;
  const answer = await ask(
    title,
    html`<h2>${title}</h2>
      <div class="dialog-body">
        <p>A new card beside it goes on with the same files. What is written in one is not seen in the other.</p>
        ${field("Title", html`<input name="title" maxlength="200" placeholder="${card.title} (fork)" autofocus />`, "Empty: named after this card.")}
      </div>
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">Fork</button></footer>`,
  );
  if (!answer) return null;
  const name = String(answer.get("title") ?? "").trim();
  return fork(store, card, { ...(name ? { title: name } : {}), ...(snapshot ? { snapshot } : {}) });
}

/** The items about a card's life in its menu. */
export function lifeItems(store: Store, card: Card, anchor: Element | null): MenuItem[] {
  const status = card.session?.status;
  const resume: MenuItem = { words: "Resume", icon: "play", action: () => void startCard(store, card.id) };
  const sleep: MenuItem = { words: sleeps(status) ? "Sleep deeper…" : "Sleep…", icon: "moon", key: "S", action: () => showSleepMenu(store, card, anchor) };
  const branch: MenuItem = { words: "Fork", icon: "fork", key: "F", action: () => void fork(store, card) };
  return [...(sleeps(status) ? [resume] : []), ...(awake(status) || sleepItems(store, card).length ? [sleep] : []), ...(mayFork(card) ? [branch] : [])];
}
