// Links between the documents, and from them to the code, lead somewhere.

import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

const documents = globSync(['*.md', 'docs/**/*.md']);

/** Targets of links to files of this repository, images among them. */
function targetsIn(markdown: string): readonly string[] {
  const text = markdown.replaceAll(/```.*?```/gsu, '');
  const targets = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/gu)].map((match) => match.groups?.['target'] ?? '');
  return targets.filter((target) => !/^[a-z]+:/u.test(target));
}

/** As GitHub names headings. */
function anchorsOf(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#+ (?<heading>.*)$/gmu)].map((match) => match.groups?.['heading'] ?? '');
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(documents)('%s', async (document) => {
  const broken: string[] = [];
  const targets = targetsIn(await readFile(document, 'utf8'));
  for (const target of targets) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : join(dirname(document), path);
    const isMissing = !existsSync(file);
    const hasAnchor = isMissing || anchor === undefined || anchorsOf(await readFile(file, 'utf8')).includes(anchor);
    if (isMissing || !hasAnchor) broken.push(target);
  }
  expect(broken).toEqual([]);
});

it('finds them', async () => {
  expect(targetsIn(await readFile('docs/architecture.md', 'utf8')).length).toBeGreaterThan(50);
  expect(anchorsOf('# Who owns what, `npm run demo`')).toEqual(['who-owns-what-npm-run-demo']);
});
