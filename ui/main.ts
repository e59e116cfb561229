/** Start of the dashboard. */
import { mount } from 'svelte'
import App from './app.svelte'
import './look/tokens.css'
import './look/base.css'
import './look/shell.css'
import './look/parts.css'
import './look/pages.css'
import './look/narrow.css'

const target = document.getElementById('app')
if (target) mount(App, { target })
