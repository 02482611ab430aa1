import { makeLocalInboxNews } from '../../src/store/inbox-news.ts';
import { testInboxNews } from '../support/inbox-news-conformance.ts';

const news = makeLocalInboxNews();
testInboxNews(async () => ({ ...news, close: async () => undefined }));
