/** Addresses: the board's, a card's with its terminal beside the board, and the terminal alone. Back closes. */

import { filterOf, queryOf } from "../model/filter";
import type { Store } from "../model/store";
import { hashOf, terminalOf } from "../model/terminals";

interface Entry {
  /** How many steps of ours lie between this entry and the board's. */
  depth: number;
}

const depth = (): number => (history.state as Entry | null)?.depth ?? 0;

/** With the query: it holds the filter. */
const address = (store: Store, card: string | null, full: boolean): string =>
  (card === null ? `/b/${store.board.id}` : `/c/${card}${full ? "/full" : ""}`) + queryOf(store.ui.filter);

export function startRouting(store: Store): void {
  addEventListener("popstate", () => {
    const [, kind, id, full] = location.pathname.split("/");
    store.setUi({ open: kind === "c" ? (id ?? null) : null, full: full === "full", terminal: terminalOf(location.hash), filter: filterOf(location.search) });
  });
}

/** With its terminal of that number in front; else the one that the card is about. */
export function openCard(store: Store, card: string, terminal: number | null = null): void {
  const { open, full } = store.ui;
  if (open === card) {
    if (terminal !== null) showTerminal(store, terminal);
    return;
  }
  const url = address(store, card, open !== null && full) + hashOf(terminal);
  if (open === null) history.pushState({ depth: depth() + 1 } satisfies Entry, "", url);
  else history.replaceState(history.state, "", url);
  store.setUi({ open: card, terminal });
}

/** Of the open card. The address leads there again. */
export function showTerminal(store: Store, number: number | null): void {
  history.replaceState(history.state, "", location.pathname + location.search + hashOf(number));
  store.setUi({ terminal: number });
}

export function closeCard(store: Store): void {
  if (depth() > 0) history.go(-depth());
  else {
    history.replaceState(null, "", address(store, null, false));
    store.setUi({ open: null, full: false, terminal: null });
  }
}

export function setFull(store: Store, full: boolean): void {
  if (full) history.pushState({ depth: depth() + 1 } satisfies Entry, "", address(store, store.ui.open, true));
  else if (depth() > 1) {
    history.back();
    return;
  } else history.replaceState(history.state, "", address(store, store.ui.open, false));
  store.setUi({ full });
}
