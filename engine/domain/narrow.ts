import type { AnyIssue } from './issue-words.ts';

/**
 * The issues of the one form that was meant, where a value may have several: `{field: refernce, normalise: [trim]}`
 * is nearest to the form with a field and steps, so that its field is what is wrong. An issue that is no such choice,
 * or a choice that no form is nearest to, stays as it is.
 */
export function narrowed(issue: AnyIssue): AnyIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const forms = issue.errors.map((form) => form.flatMap((each) => narrowed(each)));
  const distances = forms.map((form) => distanceOf(form));
  const least = Math.min(...distances);
  if (least === Infinity || distances.filter((distance) => distance === least).length !== 1) return [issue];
  return forms[distances.indexOf(least)]!.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

/** How far a value is from a form: the settings that the form does not know; Infinity where it is another type. */
function distanceOf(form: readonly AnyIssue[]): number {
  let unknown = 0;
  for (const issue of form) {
    if (issue.path.length > 0) continue;
    if (issue.code === 'unrecognized_keys') unknown += issue.keys.length;
    else if (issue.code !== 'custom' && issue.code !== 'too_small' && issue.code !== 'too_big')
      return Infinity;
  }
  return unknown;
}
