import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { findPlace, sectionText, type HelpBook, type HelpSection } from '../../../shared/help/book.ts';
import { unpackBook, type PackedBook } from '../../../shared/help/packed-book.ts';
import { shippedFolder } from '../../agent/shipped-folder.ts';
import { fileReasonOf } from '../../system/reason.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderTable } from '../text/table.ts';

/** Made of docs/ when the product is built (build/help/book.mjs); the window shows the same. */
const readBook = (): HelpBook => {
  const path = shippedFolder('renderer', 'help.json');
  try {
    return unpackBook(JSON.parse(readFileSync(path, 'utf8')) as PackedBook);
  } catch (error) {
    throw new UsageError(`The guide cannot be read from ${path}: ${fileReasonOf(error)}.`);
  }
};

interface GuideOptions {
  search?: string;
  json?: boolean;
}

const listTopics = (context: CliContext, book: HelpBook, isJson: boolean): void => {
  if (isJson) {
    context.printJson({
      schema: 'quorate.guide-topics/1',
      topics: book.topics.map(({ id, title }) => ({ id, title })),
    });
    return;
  }
  context.print(
    renderTable(
      [{ title: 'TOPIC' }, { title: 'ABOUT' }],
      book.topics.map(({ id, title }) => [id, title]),
    ),
  );
  context.print('\n"quorate guide TOPIC" prints one, "quorate guide --search WORDS" finds sections.');
};

const search = async (context: CliContext, book: HelpBook, words: string, isJson: boolean): Promise<void> => {
  const { helpSearch } = await import('../../../shared/help/search.ts');
  const hits = helpSearch(book)(words);
  if (isJson) context.printJson({ schema: 'quorate.guide-search/1', query: words, hits });
  else
    for (const { place, title, topic, excerpt } of hits)
      context.print(`${place}\n  ${title === topic ? title : `${title} (${topic})`}\n  ${excerpt}\n`);
  if (hits.length > 0) return;
  context.note(`Nothing found for "${words}". Check the spelling, or use fewer words.`);
  context.exitCode = exitCodes.failed;
};

const printPlace = (context: CliContext, book: HelpBook, place: string, isJson: boolean): void => {
  const found = findPlace(book, place);
  if (!found)
    throw new UsageError(`The guide has no "${place}". Its topics: ${book.topics.map(({ id }) => id).join(', ')}.`);
  const { topic, section } = found;
  const sections: readonly HelpSection[] = section ? [section] : topic.sections;
  if (isJson) context.printJson({ schema: 'quorate.guide/1', topic: topic.id, title: topic.title, sections });
  else {
    const columns = Math.min(context.columns, 100);
    context.print(sections.map((one) => sectionText(one, columns)).join('\n\n'));
  }
};

/** `quorate guide`: the help that is also in the window and in help.html. */
export const register = (program: Command, context: CliContext): void => {
  program
    .command('guide [topic]')
    .description('print the guide: its topics, a topic, a section (TOPIC#SECTION), or what is found in it')
    .option('--search <words>', 'find the sections that hold these words')
    .option('--json', 'one JSON document on stdout')
    .action(async (topic: string | undefined, options: GuideOptions) => {
      const isJson = options.json === true;
      if (topic !== undefined && options.search !== undefined)
        throw new UsageError('Name a topic or give --search, not both.');
      const book = readBook();
      if (options.search !== undefined) await search(context, book, options.search, isJson);
      else if (topic === undefined) listTopics(context, book, isJson);
      else printPlace(context, book, topic, isJson);
    });
};
