import { mount } from 'svelte'
import '../styles/base.css'
import { App } from '../lib/app.svelte'
import Pilot from './Pilot.svelte'
import { pageTarget } from './target'

mount(Pilot, { target: pageTarget(), props: { app: new App() } })
