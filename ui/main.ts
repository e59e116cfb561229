/** Start of the dashboard. */
import { mount } from 'svelte'
import App from './app.svelte'
import './look/tokens.css'
import './look/base.css'
import './look/controls.css'
import './look/shell.css'
import './look/dialogs.css'
import './look/parts.css'
import './look/overview.css'
import './look/issues.css'
import './look/details.css'
import './look/lifecycle.css'
import './look/quality.css'
import './look/flows.css'
import './look/causes.css'
import './look/time.css'
import './look/narrow.css'

const target = document.getElementById('app')
if (target) mount(App, { target })
