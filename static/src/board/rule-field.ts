/** One rule of when sessions sleep, as a list to choose from; what holds without a choice comes first. */

import { html, type TemplateResult } from "lit-html";
import { valueWords, type Rule } from "../model/rules";

interface RuleField {
  rule: Rule;
  /** The one's own value; undefined where whoever is above decides. */
  own: number | undefined;
  /** Who that is, and what they say. */
  above: { who: string; value: number };
  changed?: (value: number | null) => void;
}

export function ruleField({ rule, own, above, changed }: RuleField): TemplateResult {
  const { name } = rule;
  const choices = own === undefined || rule.choices.includes(own) ? rule.choices : [...rule.choices, own].sort((one, other) => (one || Infinity) - (other || Infinity));
  const option = (value: number): TemplateResult => html`<option value=${value} ?selected=${value === own}>${valueWords(name, value)}</option>`;
  const take = (event: Event): void => {
    const { value } = event.currentTarget as HTMLSelectElement;
    changed?.(value === "" ? null : Number(value));
  };
  return html`<label class="rule" data-own=${own !== undefined}>
    <span class="rule-words"><span class="rule-title">${rule.title}</span><small>${rule.about}</small></span>
    <select name=${name} .value=${own === undefined ? "" : String(own)} @change=${take}>
      <option value="" ?selected=${own === undefined}>${above.who}: ${valueWords(name, above.value)}</option>
      ${choices.map(option)}
    </select>
  </label>`;
}

/** For who may look only: what holds, and whose word it is. */
export function ruleLine(rule: Rule, value: number, who: string): TemplateResult {
  return html`<div class="rule"><span class="rule-words"><span class="rule-title">${rule.title}</span></span><span class="rule-value">${valueWords(rule.name, value)} <small>${who}</small></span></div>`;
}
