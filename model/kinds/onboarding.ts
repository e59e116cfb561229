/** Onboarding: an implementation project or milestone. */
import { defineKind } from '../kind.ts'

export default defineKind('onboarding', {
  title: 'Onboarding',
  plural: 'onboardings',
  about: 'An implementation project or milestone.',
  states: ['planned', 'in_progress', 'blocked', 'done'],
  ended: ['done'],
  transitions: [
    { from: 'planned', to: 'in_progress' },
    { from: 'in_progress', to: 'blocked' },
    { from: 'blocked', to: 'in_progress' },
    { from: 'in_progress', to: 'done', requires: ['completed_on'] },
    { from: 'planned', to: 'done', requires: ['completed_on'] },
  ],
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    order: { type: 'reference', about: 'The order that started it.', to: ['order'] },
    subscription: { type: 'reference', about: 'The subscription it sets up.', to: ['subscription'] },
    milestone: { type: 'text', about: 'What is to be reached.' },
    due_on: { type: 'date', about: 'Day it should be reached.' },
    completed_on: { type: 'date', about: 'Day it was reached.' },
  },
})
