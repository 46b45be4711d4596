import { mount } from 'svelte'
import '../styles/base.css'
import SignIn from './SignIn.svelte'
import { pageTarget } from './target'

mount(SignIn, { target: pageTarget() })
