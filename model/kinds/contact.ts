/** Contact: a person at a customer. */
import { defineKind } from '../kind.ts'

export default defineKind('contact', {
  title: 'Contact',
  plural: 'contacts',
  about: 'A person at a customer.',
  states: ['active', 'inactive'],
  ended: ['inactive'],
  transitions: [
    { from: 'active', to: 'inactive' },
    { from: 'inactive', to: 'active' },
  ],
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    name: { type: 'name', about: 'Full name.', sensitivity: 'personal' },
    email: { type: 'email', about: 'Mail address.', sensitivity: 'personal' },
    phone: { type: 'phone', about: 'Telephone number.', sensitivity: 'personal' },
    role: { type: 'enum', about: 'What the person is for us.', of: ['billing', 'technical', 'executive', 'other'] },
  },
})
