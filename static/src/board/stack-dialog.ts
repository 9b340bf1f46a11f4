/** Which recipes sessions are made of, and when newer versions come to them: of the board, or of one card. */

import { html, nothing, type TemplateResult } from "lit-html";
import { followStack } from "../model/layer-actions";
import { hasOwnStack, KIND_WORDS, KINDS, type Policy, type RecipeShort, type Stack } from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api, ApiError } from "../net/api";
import { toast } from "../ui/toast";
import { formDialog } from "./form-dialog";

const POLICIES: [Policy, string, string][] = [
  ["manual", "When somebody says so", "Sessions stay as they are until Update is pressed."],
  ["at_start", "At the next start", "A session takes what is newest whenever it starts."],
  ["live", "At once", "Profile and toolchains change while sessions run, as soon as a version is ready."],
];

/** Of kinds of which a stack has one, they exclude each other; the empty choice is none. */
const choiceName = (recipe: RecipeShort): string => (recipe.kind === "toolchain" ? `toolchain-${recipe.id}` : recipe.kind);

function pin(stack: Stack, recipe: RecipeShort): TemplateResult {
  const pinned = stack.layers.find((layer) => layer.recipe === recipe.id)?.pinned ?? null;
  const numbers = Array.from({ length: recipe.latest ?? 0 }, (_, at) => (recipe.latest ?? 0) - at).slice(0, 50);
  return html`<select name="pin-${recipe.id}" aria-label="Version of ${recipe.name}">
    <option value="">latest${recipe.latest ? ` (${recipe.latest})` : ""}</option>
    ${numbers.map((number) => html`<option value=${number} ?selected=${number === pinned}>${number}, always</option>`)}
  </select>`;
}

function group(stack: Stack, recipes: RecipeShort[]): TemplateResult | typeof nothing {
  const kind = recipes[0]?.kind;
  if (!kind) return nothing;
  const chosen = (recipe: RecipeShort): boolean => stack.layers.some((layer) => layer.recipe === recipe.id);
  const type = kind === "toolchain" ? "checkbox" : "radio";
  const none = html`<label class="choice"><input type="radio" name=${kind} value="" ?checked=${!recipes.some(chosen)} /><span>None</span></label>`;
  const row = (recipe: RecipeShort): TemplateResult => html`<div class="stack-row">
    <label class="choice"><input type=${type} name=${choiceName(recipe)} value=${recipe.id} ?checked=${chosen(recipe)} /><strong>${recipe.name}</strong></label>
    ${pin(stack, recipe)}
  </div>`;
  return html`<fieldset class="choices stack-group"><legend>${KIND_WORDS[kind]}</legend>${recipes.map(row)}${kind === "profile" || kind === "project" ? none : nothing}</fieldset>`;
}

function layersOf(store: Store, fields: FormData): Stack["layers"] {
  const wanted = store.board.recipes.filter((recipe) => fields.get(choiceName(recipe)) === String(recipe.id));
  return wanted.map((recipe) => ({ recipe: recipe.id, pinned: Number(fields.get(`pin-${recipe.id}`)) || null }));
}

function body(store: Store, stack: Stack): TemplateResult {
  const groups = KINDS.map((kind) => group(stack, store.board.recipes.filter((recipe) => recipe.kind === kind)));
  const policy = ([value, words, about]: (typeof POLICIES)[number]): TemplateResult =>
    html`<label class="choice"><input type="radio" name="policy" value=${value} ?checked=${stack.policy === value} /><span><strong>${words}</strong><br />${about}</span></label>`;
  return html`${groups}
    <fieldset class="choices"><legend>When newer versions come into sessions</legend>${POLICIES.map(policy)}</fieldset>
    <p class="sheet-none"><a href="/b/${store.board.id}/layers">Layers</a> are made and built on a page of their own.</p>`;
}

const tellFailure = (error: unknown): void => toast({ tone: "error", title: "Couldn’t change the stack.", detail: error instanceof ApiError ? error.message : String(error) });

/** What the stack changes comes when it is asked for, or at the next start. */
function tellOwn(store: Store, card: Card): void {
  if (card.session?.status !== "running") return;
  toast({ tone: "info", title: "Saved.", detail: "It comes to the session at its next start.", action: { words: "Update now", run: () => void followStack(store, card) } });
}

async function useBoards(card: Card): Promise<void> {
  await api.dropCardStack(card.id).then(() => toast({ tone: "info", title: `“${card.title}” has the board’s stack again.` }), tellFailure);
}

export async function stackDialog(store: Store, card?: Card): Promise<void> {
  const stack = card ? await api.cardStack(card.id).catch(tellFailure) : store.board.stack;
  if (!stack) return;
  const own = card !== undefined && hasOwnStack(store.board, card);
  const save = async (fields: FormData): Promise<void> => {
    if (!mayEdit(store)) return;
    const given = { policy: fields.get("policy") as Policy, layers: layersOf(store, fields) };
    if (card) await api.putCardStack(card.id, given).then(() => tellOwn(store, card));
    else store.putLayers({ recipes: store.board.recipes, stack: await api.putStack(store.board.id, given) });
  };
  const back = own && card ? html`<p><button type="button" class="button small" data-close @click=${(event: Event) => ((event.target as Element).closest("dialog")?.close(), void useBoards(card))}>Use the board’s stack again</button></p>` : nothing;
  const title = card ? `Stack of “${card.title}”` : "Stack of this board";
  await formDialog({ title, action: "Save", fields: () => html`<fieldset class="plain" ?disabled=${!mayEdit(store)}>${body(store, stack)}</fieldset>${back}`, save });
}
