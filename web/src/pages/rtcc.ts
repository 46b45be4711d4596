import { mount } from 'svelte'
import '../styles/base.css'
import { App } from '../lib/app.svelte'
import Rtcc from './Rtcc.svelte'
import { pageTarget } from './target'

mount(Rtcc, { target: pageTarget(), props: { app: new App() } })
