// Generated documents of the domains; each has a file beside this one.
import { documents as qualification } from './qualification.mjs';
import { documents as schemas } from './schemas.mjs';
import { documents as target } from './target.mjs';
import { documents as targets } from './targets.mjs';
import { documents as windowsModel } from './windows-model.mjs';

export const documents = { ...qualification, ...schemas, ...target, ...targets, ...windowsModel };
