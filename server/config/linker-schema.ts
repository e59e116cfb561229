/** Settings of the linker: what it proposes, and whether it may join by itself. */
import { z } from 'zod'

const chance = z.number().gt(0).lt(1)

export const linkerSchema = z.strictObject({
  propose: z.boolean().default(true).describe('Whether links and duplicates are proposed for review at all.'),
  propose_at: chance.default(0.5).describe('Probability, 0 to 1, from which a pair is worth a look.'),
  link_at: chance
    .optional()
    .describe('Probability from which records are joined without asking; left out: never. Each can be taken back.'),
})
