/** Word codes: a word and its rarity in one whole number, so that the words of two records are compared without their letters. */

/** Bits of the code that tell words apart; rarity stands above them. */
export const WORD_SHIFT = 36

/** Parts of one bit of rarity that are told apart. */
export const WORD_UNITS = 2 ** 20

/**
 * @param bits SQL of a word's rarity, 0.1 to 30 bits
 * @param word SQL of the word
 */
export const wordCode = (bits: string, word: string) =>
  `bitOr(bitShiftLeft(toUInt64(round(${bits} * ${WORD_UNITS})), ${WORD_SHIFT}), bitShiftRight(cityHash64(${word}), ${64 - WORD_SHIFT}))`

/** Rarity in bits of all words of an array of codes. */
export const rarityOf = (codes: string) => `arraySum(w -> bitShiftRight(w, ${WORD_SHIFT}), ${codes}) / ${WORD_UNITS}`
