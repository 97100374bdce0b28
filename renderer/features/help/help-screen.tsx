import { Button, Field, SearchBox } from '@fluentui/react-components';
import { useEffect, useRef, type JSX } from 'react';
import { findPlace, helpPlace, type HelpBook, type HelpSection, type HelpTopic } from '../../../shared/help/book.ts';
import { asSentence } from '../../../shared/model/sentence.ts';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { HelpNodes } from './help-nodes.tsx';
import { useHelpBook } from './store.ts';
import { usePart } from '../../ui/use-part.ts';
import './help.css';

/** More sections than these are found by the search, not in a list. */
const longestList = 40;

const PlaceLink = ({ place, title }: { place: string; title: string }): JSX.Element => {
  const go = useNavigation((state) => state.go);
  return (
    <button type="button" className="h-link" onClick={() => go('help', place)}>
      {title}
    </button>
  );
};

const Search = (): JSX.Element => {
  const query = useHelpBook((state) => state.query);
  const setQuery = useHelpBook((state) => state.setQuery);
  const box = useRef<HTMLInputElement>(null);
  useShortcut('f', 'Search the help', () => box.current?.focus());
  return (
    <Field label="Search the help">
      <SearchBox
        ref={box}
        value={query}
        aria-keyshortcuts="F"
        onChange={(_event, { value }) => setQuery(value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || query === '') return;
          event.stopPropagation();
          setQuery('');
        }}
      />
    </Field>
  );
};

const Results = ({ query }: { query: string }): JSX.Element => {
  const hits = useHelpBook((state) => state.search)(query);
  return (
    <section aria-label="Search results">
      <p role="status">
        {hits.length === 0
          ? `Nothing found for “${query}”. Check the spelling, use fewer words, or select a topic below.`
          : `${hits.length === 30 ? 'The first 30' : hits.length} ${hits.length === 1 ? 'section' : 'sections'} for “${query}”:`}
      </p>
      <ol className="h-results">
        {hits.map(({ place, title, topic, excerpt }) => (
          <li key={place}>
            <PlaceLink place={place} title={title} />
            {title === topic ? null : <span className="q-quiet"> {topic}</span>}
            <p>{excerpt}</p>
          </li>
        ))}
      </ol>
    </section>
  );
};

const sectionList = ({ id, sections }: HelpTopic): readonly { place: string; title: string }[] => {
  const parts = sections.slice(1).filter(({ level }) => level === 2);
  return parts.length > longestList ? [] : parts.map((one) => ({ place: helpPlace(id, one.id), title: one.title }));
};

const Topics = ({ book }: { book: HelpBook }): JSX.Element => (
  <nav aria-label="Topics">
    <h2>Topics</h2>
    <ol className="h-topics">
      {book.topics.map((topic) => (
        <li key={topic.id}>
          <PlaceLink place={topic.id} title={topic.title} />
        </li>
      ))}
    </ol>
  </nav>
);

const Section = ({ section, isWanted }: { section: HelpSection; isWanted: boolean }): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    // After the frame has put the focus on the title of the page.
    const request = requestAnimationFrame(() => requestAnimationFrame(() => heading.current?.focus()));
    return () => cancelAnimationFrame(request);
  }, [isWanted]);
  const Heading = section.level <= 2 ? 'h2' : 'h3';
  return (
    <section>
      {section.level === 1 ? null : (
        <Heading ref={heading} tabIndex={-1}>
          {section.title}
        </Heading>
      )}
      <HelpNodes nodes={section.body} />
    </section>
  );
};

const Topic = ({ topic, wanted }: { topic: HelpTopic; wanted: HelpSection | null }): JSX.Element => {
  const go = useNavigation((state) => state.go);
  const back = (): void => go('help');
  useShortcut('b', 'Go back to all help topics', back);
  const list = sectionList(topic);
  return (
    <>
      <div className="q-actions">
        <Button onClick={back} aria-keyshortcuts="B">
          <KeyLabel text="Back to all topics" letter="b" />
        </Button>
      </div>
      {list.length > 1 ? (
        <nav aria-label="On this page">
          <ul className="h-topics">
            {list.map(({ place, title }) => (
              <li key={place}>
                <PlaceLink place={place} title={title} />
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
      <article className="h-article">
        {topic.sections.map((section) => (
          <Section key={section.id} section={section} isWanted={section === wanted} />
        ))}
      </article>
    </>
  );
};

/** The documents for people who use the product, without any network: topics, search, one topic at a time. */
const HelpScreen = (): JSX.Element => {
  const { book, problem, query, load } = usePart(useHelpBook, 'book', 'problem', 'query', 'load');
  const subject = useNavigation((state) => state.subject);
  useEffect(() => void load(), [load]);
  const place = book && subject !== null ? findPlace(book, subject) : null;
  return (
    <>
      <header className="s-head">
        <h1 id="stage-title" tabIndex={-1}>
          {place ? place.topic.title : 'Help'}
        </h1>
      </header>
      {problem === null ? null : (
        <p role="alert">
          The help could not be read: {asSentence(problem)} It is also in the file help.html beside the program.{' '}
          <Button onClick={() => void load()}>Try again</Button>
        </p>
      )}
      {book && !place ? (
        <>
          <p className="s-purpose">
            What Quorate does, step by step, and what its messages mean. Nothing is loaded from a network.
          </p>
          {subject === null ? null : <p role="status">The help has no page “{subject}”.</p>}
          <Search />
          {query.trim() === '' ? null : <Results query={query.trim()} />}
          <Topics book={book} />
        </>
      ) : null}
      {place ? <Topic key={place.topic.id} topic={place.topic} wanted={place.section} /> : null}
    </>
  );
};

export default HelpScreen;
