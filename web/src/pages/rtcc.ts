import { mount } from 'svelte'
import '../styles/base.css'
import { App } from '../lib/app.svelte'
import { warmUp } from '../lib/whep'
import Rtcc from './Rtcc.svelte'
import { pageTarget } from './target'

warmUp()
mount(Rtcc, { target: pageTarget(), props: { app: new App() } })
