// Lint rules of our own, for oxlint.

/** `import { z } from 'zod'` drags every locale into the bundle (370 KB); `import * as z` does not. */
const zodNamespace = {
  create: (context) => ({
    ImportDeclaration(node) {
      if (node.source.value === 'zod' && node.specifiers.some((one) => one.type === 'ImportSpecifier'))
        context.report({
          node,
          message: "import * as z from 'zod': the named import drags every locale into the bundle.",
        });
    },
  }),
};

export default { meta: { name: 'quorate' }, rules: { 'zod-namespace': zodNamespace } };
