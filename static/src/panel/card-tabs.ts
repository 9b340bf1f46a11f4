/** The tabs of a card's terminals, for the members of its board. */

import type { TemplateResult, nothing } from "lit-html";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import type { Panel } from "./panel";
import { tabBar } from "./tabs";
import { managing } from "./terminals";

export const cardTabs = (store: Store, panel: Panel, card: Card): TemplateResult | typeof nothing =>
  tabBar({
    session: card.session,
    agent: card.agent ?? null,
    deck: panel.deck,
    choose: (number, focus) => panel.choose(number, focus),
    manage: mayEdit(store) ? managing(store, card) : null,
  });
