/** A text as a sentence: with a full stop, unless it brings its own mark (`.`, `?`, `!`; an ellipsis is none). */
export const asSentence = (text: string): string => (/(?:[?!]|(?<!\.)\.)["')]?$/.test(text) ? text : `${text}.`);

/** Words that have a capital letter only where they begin a sentence; names, and what Windows calls by a name, keep theirs. */
const beginnings =
  /^(?:A|Addresses|After|All|An|Another|Any|Are|At|Because|Before|Both|By|Cannot|Clocks|Could|Different|Does|Each|Every|Everything|Few|For|From|Hardware|He|Here|How|If|In|Is|It|Its|Many|Memory|More|Most|Multiple|Neither|Never|No|Nobody|None|Not|Nothing|Of|On|One|Only|Other|Others|Several|She|Since|Some|Somebody|Something|Such|That|The|Their|There|These|They|This|Those|Three|To|Two|Under|Until|What|When|Where|Whether|Which|While|Who|Whoever|Why|With|Within|Without|You|Your)(?=[ ,'’])/;

/** A text as it stands inside a sentence, after a colon or in brackets: without the capital letter that it had as a sentence of its own. */
export const asClause = (text: string): string =>
  text.replace(beginnings, (word) => `${word.charAt(0).toLowerCase()}${word.slice(1)}`);
