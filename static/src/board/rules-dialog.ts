/** When the sessions of a board sleep, unless their cards say otherwise. */

import { html, type TemplateResult } from "lit-html";
import { mayEdit } from "../model/may";
import { RULES, type RulesChange } from "../model/rules";
import type { Store } from "../model/store";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { formDialog } from "./form-dialog";
import { ruleField, ruleLine } from "./rule-field";

const ABOUT = html`<p class="sheet-none">A session that is not needed sleeps by itself, and goes on when its card is opened. Nothing is lost. Cards can differ, in their details.</p>`;

function changeOf(store: Store, fields: FormData): RulesChange {
  const { board } = store.board.rules;
  const given = RULES.map(({ name }) => [name, fields.get(name) ? Number(fields.get(name)) : null] as const);
  return Object.fromEntries(given.filter(([name, value]) => value !== (board[name] ?? null)));
}

async function save(store: Store, fields: FormData): Promise<void> {
  const change = changeOf(store, fields);
  if (Object.keys(change).length) store.putRules(await api.changeBoardRules(store.board.id, change));
}

function look(store: Store): TemplateResult {
  const { installation, board } = store.board.rules;
  const lines = RULES.map((rule) => ruleLine(rule, board[rule.name] ?? installation[rule.name], board[rule.name] === undefined ? "as installed" : "of this board"));
  return html`<h2>When sessions sleep</h2><div class="dialog-body">${ABOUT}<div class="rules">${lines}</div></div><footer><button type="button" class="button" data-close autofocus>Close</button></footer>`;
}

export async function rulesDialog(store: Store): Promise<void> {
  const title = "When sessions sleep";
  if (!mayEdit(store)) return void (await ask(title, look(store)));
  const { installation, board } = store.board.rules;
  const field = (rule: (typeof RULES)[number]): TemplateResult => ruleField({ rule, own: board[rule.name], above: { who: "As installed", value: installation[rule.name] } });
  await formDialog({ title, action: "Save", fields: () => html`${ABOUT}<div class="rules">${RULES.map(field)}</div>`, save: (fields) => save(store, fields) });
}
