declare const brand: unique symbol;

/** A nominal type: `Brand<string, 'TaId'>` is a string at run time and nothing but itself to the compiler. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
