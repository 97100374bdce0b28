declare const __QUORATE_VERSION__: string | undefined;

/** The product's version, put in by the bundler from package.json; code that runs unbundled (tests) says so. */
export const version = typeof __QUORATE_VERSION__ === 'undefined' ? '0.0.0-unbundled' : __QUORATE_VERSION__;
