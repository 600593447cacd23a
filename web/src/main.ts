import { createApp } from 'vue';
import App from './App.vue';
import { start } from './view/desk';
import './tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/map.css';
import './styles/list.css';
import './styles/case.css';
import './styles/chart.css';
import './styles/sheet.css';
import './styles/phone.css';

void start();
createApp(App).mount('#app');
