/** Addresses: the board's, a card's with its terminal beside the board, and the terminal alone. Back closes. */

import { filterOf, queryOf } from "../model/filter";
import type { Store } from "../model/store";

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
    store.setUi({ open: kind === "c" ? (id ?? null) : null, full: full === "full", filter: filterOf(location.search) });
  });
}

export function openCard(store: Store, card: string): void {
  const { open, full } = store.ui;
  if (open === card) return;
  const url = address(store, card, open !== null && full);
  if (open === null) history.pushState({ depth: depth() + 1 } satisfies Entry, "", url);
  else history.replaceState(history.state, "", url);
  store.setUi({ open: card });
}

export function closeCard(store: Store): void {
  if (depth() > 0) history.go(-depth());
  else {
    history.replaceState(null, "", address(store, null, false));
    store.setUi({ open: null, full: false });
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
