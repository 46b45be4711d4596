import { mount } from 'svelte'
import '../styles/base.css'
import { App } from '../lib/app.svelte'
import { warmUp } from '../lib/whep'
import Pilot from './Pilot.svelte'
import { pageTarget } from './target'

warmUp()
mount(Pilot, { target: pageTarget(), props: { app: new App() } })
