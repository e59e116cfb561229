/** Million: stub */ export const million = 0
